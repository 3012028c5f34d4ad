#!/usr/bin/env bash
# Rebuilds charts.min.js and LICENSES.txt from the packages named in package-lock.json. Takes Node.js 20 or later and npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/{package.json,package-lock.json,entry.js,vega.js,licenses.js} "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund
node node_modules/esbuild/install.js
bundle() {
    node_modules/.bin/esbuild entry.js --bundle --minify --format=iife --global-name=clvVega --target=es2022 \
        --alias:vega=./vega.js --legal-comments=none --charset=ascii --log-level=warning "$@"
}
bundle --metafile=meta.json --outfile=first.js
node --experimental-default-type=module licenses.js meta.json > LICENSES.txt
# The licences go where the code goes: into every report.
{ echo '/*'; sed 's|\*/|* /|g' LICENSES.txt; echo '*/'; cat first.js; } > charts.min.js
cp charts.min.js LICENSES.txt "$here"
cd "$here"
sha256sum charts.min.js LICENSES.txt
