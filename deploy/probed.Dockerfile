# Tempo: an image that holds nothing but its program, with a wget for its health check and a data folder that its user owns
# (a new volume takes over the owner of the folder it is mounted on).
ARG BASE
ARG BUSYBOX_IMAGE
FROM ${BUSYBOX_IMAGE} AS busybox
RUN mkdir /data && chown 10001:10001 /data

FROM ${BASE}
ARG DATA_FOLDER
# One static file; called by this name, busybox is wget and nothing else.
COPY --from=busybox /bin/busybox /bin/wget
COPY --from=busybox --chown=10001:10001 /data ${DATA_FOLDER}
