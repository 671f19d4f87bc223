# Sourced by .ci/run and .ci/long.
passed=0 failed=0 skipped=0

step() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

# need COMMAND PACKAGE: installs the Debian package when the command is missing
need() {
    command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "$2" >/dev/null; }
}

# count_tests LOG: adds up the test runner's closing lines, one per project
count_tests() {
    local projects
    projects=$(grep -cE '^(Passed|Failed|Skipped)! +- Failed:' "$1" || true)
    [ "$projects" -gt 0 ] || { echo "no test ran"; failed=$((failed + 1)); return; }
    sum() { grep -oE "^(Passed|Failed|Skipped)! +- .*" "$1" | grep -oE "$2: +[0-9]+" | grep -oE '[0-9]+' | awk '{ total += $1 } END { print total + 0 }'; }
    passed=$((passed + $(sum "$1" Passed)))
    failed=$((failed + $(sum "$1" Failed)))
    skipped=$((skipped + $(sum "$1" Skipped)))
}

# count_check COMMAND...: a script that holds or does not
count_check() {
    if "$@"; then passed=$((passed + 1)); else echo "FAILED: $*"; failed=$((failed + 1)); fi
}

# finish STATUS: the closing line; fails when anything failed
finish() {
    if [ "$1" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
