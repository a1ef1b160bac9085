# Build: docker compose build --no-cache api
# No image comes from Docker Hub, so no login is needed. Another registry:
#   docker compose build --build-arg BASE_IMAGE=registry.example.com/python:3.12-slim-bookworm api
ARG BASE_IMAGE=public.ecr.aws/docker/library/python:3.12-slim-bookworm

FROM ${BASE_IMAGE} AS base
ENV PATH=/opt/orchat/bin:$PATH \
    PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS builder
COPY requirements.lock .
# pip leaves with the last line: what installs packages has no place in the image.
RUN python3 -m venv /opt/orchat \
    && /opt/orchat/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --requirement requirements.lock \
    && /opt/orchat/bin/python -m pip uninstall --yes --quiet pip setuptools
# Code that the agent writes runs in an environment of its own, and never sees the one above.
COPY orchat/sandbox/requirements.lock code.lock
RUN python3 -m venv --without-pip /opt/code \
    && python3 -m pip --python /opt/code/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --requirement code.lock \
    && mkdir /opt/code/orchat-fonts \
    && MPLCONFIGDIR=/opt/code/orchat-fonts MPLBACKEND=agg /opt/code/bin/python -c "import matplotlib.font_manager" \
    && rm code.lock
COPY . .
# The file system may be mounted read-only, so the bytecode has to be there already.
RUN rm requirements.lock && /opt/orchat/bin/python -m compileall -q .

FROM base AS production
# A fixed id, so that a volume keeps its owner from image to image.
RUN groupadd --gid 10001 orchat \
    && useradd --uid 10001 --gid orchat --no-log-init --create-home --home-dir /data --shell /usr/sbin/nologin orchat
COPY --from=builder /opt/orchat /opt/orchat
COPY --from=builder /opt/code /opt/code
COPY --from=builder /app /app
ENV ORCHAT_DATA_DIR=/data \
    ORCHAT_SANDBOX_ENVIRONMENT=/opt/code \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none
VOLUME /data
USER orchat
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "streamlit_app.py", \
     "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
