# syntax=docker/dockerfile:1
# Build: docker build -t loaphuong .
# Run:   docker run --rm -p 8080:8080 loaphuong
# Pin both images by digest where you publish the result.

FROM rust:1.95.0-slim-bookworm AS build
ENV CARGO_INCREMENTAL=0
WORKDIR /src
COPY . .
# The caches outlive the build; the binary does not, so it is copied out of the cached target folder.
# `state` becomes the folder that the daemon may write to: it must exist with the right owner in the
# image, for a new volume takes both from there.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin loaphuong \
    && mkdir -p /out/state \
    && cp target/dist/loaphuong /out/loaphuong

# Debian 12's libc, libgcc and CA certificates, and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="loaphuong" \
      org.opencontainers.image.description="A Vietnamese ward's news as RSS, Atom and JSON feeds and as chat messages" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build --chown=65532:65532 /out/state /var/lib/loaphuong
COPY --from=build /out/loaphuong /usr/local/bin/loaphuong
COPY packaging/config.toml /etc/loaphuong/config.toml
COPY news /srv/loaphuong/news
ENV LOAPHUONG_CONFIG=/etc/loaphuong/config.toml \
    LOAPHUONG_LISTEN=0.0.0.0:8080
USER 65532:65532
WORKDIR /var/lib/loaphuong
VOLUME ["/var/lib/loaphuong"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/loaphuong", "health"]
ENTRYPOINT ["/usr/local/bin/loaphuong"]
CMD ["run"]
