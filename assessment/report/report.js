"use strict";
const RATE = 16000; // samples a second: of the recordings, and of data-start and data-end
const SLOW = 0.6; // of the usual rate
const buffers = new Map();
let context, source, spoken;

// Decodes a recording once. Web Audio plays from sample to sample; an <audio> stops when it gets round to it.
function decode(audio) {
  if (!buffers.has(audio)) {
    const bytes = Uint8Array.from(atob(audio.src.split(",")[1]), (letter) => letter.charCodeAt(0));
    buffers.set(audio, context.decodeAudioData(bytes.buffer));
  }
  return buffers.get(audio);
}

async function play(button) {
  context ??= new AudioContext({ sampleRate: RATE });
  await context.resume();
  const audio = button.closest("article").querySelector("audio");
  const buffer = await decode(audio);
  source?.stop();
  document.querySelectorAll("audio").forEach((other) => other.pause());
  const started = (source = new AudioBufferSourceNode(context, { buffer }));
  source.connect(context.destination);
  source.onended = () => button.classList.remove("playing");
  button.classList.add("playing");
  const { start, end } = button.dataset;
  started.start(0, start / RATE, (end - start) / RATE);
}

// A voice of this machine: others send the text elsewhere.
function findVoice() {
  const voices = window.speechSynthesis?.getVoices().filter(({ lang, localService }) => localService && /^en\b/.test(lang)) ?? [];
  const region = document.getElementById("accent")?.value === "gb" ? /GB/ : /US/; // of the playground
  return voices.find(({ lang }) => region.test(lang)) ?? voices[0];
}

// The second click on the same words is slow, the third is not.
function say(words) {
  const utterance = new SpeechSynthesisUtterance(words);
  utterance.voice = findVoice();
  utterance.lang = utterance.voice.lang;
  utterance.rate = spoken === words ? SLOW : 1;
  spoken = spoken === words ? null : words;
  speechSynthesis.cancel();
  speechSynthesis.speak(utterance);
}

function showVoices() {
  document.querySelectorAll("button.say").forEach((button) => (button.hidden = !findVoice()));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-start], button.say");
  if (button?.classList.contains("say")) say(button.dataset.say);
  else if (button) play(button);
});

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const errors = [...document.querySelectorAll("details[open] .track button.error")];
  if (!step || !errors.length || event.target.closest("audio, input, select, textarea")) return;
  event.preventDefault();
  const at = errors.indexOf(document.activeElement);
  const next = at < 0 ? Math.min(step, 0) : (at + step) % errors.length;
  errors.at(next).focus();
});

window.speechSynthesis?.addEventListener("voiceschanged", showVoices); // some browsers load voices late
showVoices();
