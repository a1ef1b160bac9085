# Build: docker compose build --no-cache api
# No image comes from Docker Hub, so no login is needed. Another registry:
#   docker compose build --build-arg BASE_IMAGE=registry.example.com/python:3.12-slim-bookworm api
# Targets: core (the last one), and full, with which file search finds by meaning too.
ARG BASE_IMAGE=public.ecr.aws/docker/library/python:3.12-slim-bookworm

FROM ${BASE_IMAGE} AS base
ENV PATH=/opt/orchat/bin:$PATH \
    PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS builder
COPY requirements-container.lock orchat/sandbox/requirements.lock deploy/trim.sh /build/
# Two environments: pip stays in the one that is left behind.
RUN python3 -m venv /build/pip \
    && python3 -m venv --without-pip /opt/orchat \
    && /build/pip/bin/python -m pip --python /opt/orchat/bin/python install --no-cache-dir --no-compile --no-deps \
        --disable-pip-version-check --require-hashes --requirement /build/requirements-container.lock \
    && sh /build/trim.sh /opt/orchat
# Code that the agent writes runs in an environment of its own, and never sees the one above.
RUN python3 -m venv --without-pip /opt/code \
    && /build/pip/bin/python -m pip --python /opt/code/bin/python install --no-cache-dir --no-compile --no-deps \
        --disable-pip-version-check --require-hashes --requirement /build/requirements.lock \
    && sh /build/trim.sh /opt/code \
    && mkdir /opt/code/orchat-fonts \
    && MPLCONFIGDIR=/opt/code/orchat-fonts MPLBACKEND=agg /opt/code/bin/python -c "import matplotlib.font_manager"
COPY . .
# The file system may be mounted read-only, so the bytecode has to be there already.
RUN rm -r requirements-*.lock deploy/trim.sh \
    && /opt/orchat/bin/python -m compileall -q -j 0 .

FROM builder AS full-builder
COPY requirements-full.lock /build/
RUN /build/pip/bin/python -m pip --python /opt/orchat/bin/python install --no-cache-dir --no-compile --no-deps \
        --disable-pip-version-check --require-hashes --requirement /build/requirements-full.lock \
    && sh /build/trim.sh /opt/orchat

FROM base AS production
# A fixed id, so that a volume keeps its owner from image to image. What the base image brings to install packages goes.
RUN groupadd --gid 10001 orchat \
    && useradd --uid 10001 --gid orchat --no-log-init --create-home --home-dir /data --shell /usr/sbin/nologin orchat \
    && rm -rf /data/.[!.]* "$HOME"/.cache /usr/share/python-wheels /usr/local/bin/pip* /usr/local/bin/idle* \
        /usr/local/lib/python3*/ensurepip /usr/local/lib/python3*/site-packages/* /usr/lib/python3*/ensurepip
# FORWARDED_ALLOW_IPS: uvicorn would take a visitor's address from a header that any program beside it can send.
# MALLOC_ARENA_MAX: each visitor's page runs on a thread of its own, and glibc would give each thread a heap of its own.
ENV ORCHAT_DATA_DIR=/data \
    ORCHAT_SANDBOX_ENVIRONMENT=/opt/code \
    FORWARDED_ALLOW_IPS= \
    MALLOC_ARENA_MAX=2 \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none
VOLUME /data
USER orchat
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "deploy/asgi.py", \
     "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]

FROM production AS full
COPY --from=builder /opt/code /opt/code
COPY --from=full-builder /opt/orchat /opt/orchat
COPY --from=full-builder /app /app

FROM production AS core
COPY --from=builder /opt/code /opt/code
COPY --from=builder /opt/orchat /opt/orchat
COPY --from=builder /app /app
