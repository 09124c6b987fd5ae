#!/usr/bin/env bash
# Does what the README and docs/ tell a newcomer, in a fresh clone of the last commit, and prints the seconds of each step.
#
#   tests/first_hour.sh            with an empty package cache, a batch of 200 recordings and every example of the pages
#   tests/first_hour.sh --quick    with the caches of this machine, and without these
set -euo pipefail
cd "$(dirname "$0")/.."

quick=${1:-}
folder=$(mktemp -d)
log=$folder/log
serving=
trap 'kill $serving 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
unset PYTHONPATH PRONUNCIATION_DATA MAKEFLAGS MAKELEVEL
if [ "$quick" != --quick ]; then
  export UV_CACHE_DIR=$folder/uv PIP_NO_CACHE_DIR=1
fi

step() {
  local name=$1 start=$SECONDS
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "FAILED: $name"
    exit 1
  fi
  printf '%5d s  %s\n' $((SECONDS - start)) "$name"
}

free_port() {
  python3.11 -c 'import socket; s = socket.create_server(("localhost", 0)); print(s.getsockname()[1])'
}

wait_for() {  # a URL, while the server runs
  until curl --silent --fail --output "$folder/answer" "$1"; do
    kill -0 "$serving"
    sleep 0.2
  done
}

post() {  # a URL and a request; the answer has to have a text
  curl --silent --fail "$1" --header 'Content-Type: application/json' --data "{\"input\": $2}" | tee "$folder/answer"
  grep --quiet --fixed-strings "$3" "$folder/answer"
}

stop() {
  kill "$serving"
  wait "$serving" || true
  serving=
}

serve() {
  local assessment ipa_generation
  assessment=$(free_port)
  ipa_generation=$(free_port)
  make serve ASSESSMENT_PORT="$assessment" IPA_GENERATION_PORT="$ipa_generation" &
  serving=$!
  wait_for "http://localhost:$assessment/health"
  wait_for "http://localhost:$ipa_generation/health"
  post "http://localhost:$assessment/runsync" \
    '{"audio_uri": "tests/data/librivox_0880.wav", "target_ipa": "hi wɑz nɑt ən ɪl dɪskoʊzd jʌŋ mɪn"}' '"score":0.9341'
  post "http://localhost:$ipa_generation/runsync" '{"text": "See you."}' '/s//i// //j//u/'
  stop
}

play() {
  local port
  port=$(free_port)
  make play PLAYGROUND_PORT="$port" &
  serving=$!
  wait_for "http://localhost:$port/"
  stop
}

in_python() {
  .venv/bin/python - <<'PYTHON'
from assessment.client import assess

found = assess("tests/data/librivox_0880.wav", text="He was not an ill-disposed young woman.")
assert [word.text for word in found.words if word.status != "correct"] == ["woman"]
PYTHON
}

batch() {
  mkdir "$folder/recordings"
  for number in $(seq 40); do
    for clip in tests/data/librivox_*.wav; do
      cp "$clip" "$folder/recordings/$(basename "$clip" .wav)_$number.wav"
      cp "${clip%.wav}.txt" "$folder/recordings/$(basename "$clip" .wav)_$number.txt"
    done
  done
  .venv/bin/python -m assessment.batch "$folder/recordings" --output "$folder/results.csv"
  [ "$(grep --count ' of 200 recordings' "$log")" -ge 3 ]
}

examples() {
  OMP_NUM_THREADS=1 .venv/bin/pytest tests/test_examples.py
}

step "git clone" git clone --quiet . "$folder/repository"
cd "$folder/repository"
step "make demo, with what it installs" make demo
step "make demo, again" make demo
step "make serve, and a job for each worker" serve
step "make play" play
step "assess, in Python" in_python
step "make lint, with what it installs" make lint
step "make test-fast" make test-fast
if [ "$quick" != --quick ]; then
  step "a batch of 200 recordings" batch
  step "every example of the pages" examples
fi
