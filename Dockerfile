# A static binary in an image that holds a shell for CI runners, and nothing that listens. Built as: docker build -t cupclint .
# Log-ins are remembered in /var/lib/cupclint: a volume, so that a refused password is not sent again by the next container.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 65532 --no-create-home --shell /usr/sbin/nologin cupclint \
 && install -d -o 65532 -g 65532 -m 0700 /var/lib/cupclint
COPY --from=build /src/bin/cupclint /usr/local/bin/cupclint
ENV XDG_STATE_HOME=/var/lib
VOLUME /var/lib/cupclint
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["cupclint"]
CMD ["--help"]
