#!/bin/sh
# Installs the Debian packages that the named lists ask for, where one is missing: needs root or sudo then.
set -eu
packages=$(cat "$@")
dpkg-query --show --showformat '${db:Status-Status}\n' $packages 2> /dev/null |
  awk -v wanted="$(echo $packages | wc -w)" '/^installed$/ { n++ } END { exit n < wanted }' && exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
case $packages in *:arm64*) $as_root dpkg --add-architecture arm64 ;; esac
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages > /dev/null
