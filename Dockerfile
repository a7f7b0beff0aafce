# syntax=docker/dockerfile:1

# The base is pinned by tag; `docker buildx imagetools inspect` shows the digest to pin it harder with
# (--build-arg BASE=python:3.11.14-slim-bookworm@sha256:...). Both stages use the same one.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/syncer
# The lock first: as long as it stays the same, this layer does.
COPY requirements.lock ./
RUN /opt/syncer/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY config/demo ./config/demo
COPY syncer ./syncer
# Afterwards nothing is left that could build or install anything.
RUN /opt/syncer/bin/pip install --no-deps --no-build-isolation . \
    && /opt/syncer/bin/pip uninstall --yes hatchling editables pathspec pluggy trove-classifiers setuptools \
    && /opt/syncer/bin/pip uninstall --yes pip \
    && /opt/syncer/bin/python -m compileall -q /opt/syncer/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="syncer" \
      org.opencontainers.image.description="Keeps Markdown roadmaps and GitHub or GitLab issues in agreement" \
      org.opencontainers.image.licenses="Apache-2.0"
# git carries the state where that is kept on a ref, and roadmaps of other git remotes. Its version is the
# base's, which is pinned.
# hadolint ignore=DL3008
RUN command -v git >/dev/null || { apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*; }
# The base image brings a pip of its own, which nothing here needs.
RUN python -m pip uninstall --yes --root-user-action=ignore pip setuptools wheel \
    && groupadd --gid 10001 syncer \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/syncer --shell /usr/sbin/nologin syncer \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/syncer \
    && install -d -m 0755 /etc/syncer
COPY --from=build /opt/syncer /opt/syncer
ENV PATH=/opt/syncer/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SYNCER_CONFIG=/etc/syncer/syncer.toml
WORKDIR /var/lib/syncer
USER 10001:10001
EXPOSE 8420
STOPSIGNAL SIGTERM
# For `serve` on its usual port. Kubernetes ignores it and has probes of its own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8420/healthz', timeout=4)"]
ENTRYPOINT ["syncer"]
CMD ["serve"]
