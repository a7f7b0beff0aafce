"""What teams do with the options of a project, over real HTTP on both forges."""
