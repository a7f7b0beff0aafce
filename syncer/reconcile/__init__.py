"""What should be done: (base, roadmap, tracker) in, plan out.

Pure, and ordered: the same observation yields the same plan, byte for byte.

    observation  what is known about all sides at one moment
    policy       what a team has chosen
    canonical    values in the form in which sides compare
    inert        roadmap text that can trigger nothing on a forge
    block        the managed block in an issue's body and a milestone's description
    match        which item is which binding, without ids in the file
    merge        the law: three-way, field by field
    fields       the law applied to bound items
    presence     what appears and disappears
    milestones   stages and their milestones
    planner      all of it, in the order in which it is applied
    guard        limits on what one plan may do
"""
