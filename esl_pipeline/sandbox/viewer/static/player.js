// The turns under a player: the one that is heard is marked, a click plays from there.
"use strict";

document.querySelectorAll("figure.audio > .cues").forEach((list) => {
  const audio = list.parentElement.querySelector("audio");
  const element = audio.querySelector("track");
  const lines = [];

  const fill = () => {
    let before = null;
    for (const cue of element.track.cues) {
      const line = drawn(cue, before);
      line.button.addEventListener("click", () => {
        audio.currentTime = cue.startTime;
        audio.play().catch(() => {});
      });
      list.append(line.item);
      lines.push(line);
      before = line.who;
    }
    list.hidden = lines.length === 0;
    mark();
  };

  const mark = () => {
    const now = audio.currentTime;
    const begun = audio.played.length || now > 0;
    const current = begun ? lines.findLast((line) => line.start <= now + 0.001) : undefined;
    for (const line of lines) {
      if (line === current && !line.button.hasAttribute("aria-current")) {
        line.button.setAttribute("aria-current", "true");
        show(list, line.item);
      } else if (line !== current) {
        line.button.removeAttribute("aria-current");
      }
      const word = line === current && now < line.end ? line.words.findLast((one) => one.start <= now + 0.001) : undefined;
      for (const one of line.words) one.element.classList.toggle("now", one === word);
    }
  };

  const follow = () => {
    mark();
    if (!audio.paused && !audio.ended) requestAnimationFrame(follow);
  };

  for (const event of ["timeupdate", "seeked", "ended"]) audio.addEventListener(event, mark);
  audio.addEventListener("play", follow);
  element.addEventListener("load", fill);
  element.track.mode = "hidden";
});

// Draws a cue as a button: who speaks (where that changes), the words, and when.
function drawn(cue, before) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  const text = cue.getCueAsHTML();
  const who = text.querySelector("[title]")?.title ?? "";
  const said = small("said", "");
  const words = [];
  let at = cue.startTime;
  let timed = false;
  const pieces = document.createTreeWalker(text, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_PROCESSING_INSTRUCTION);
  while (pieces.nextNode()) {
    const piece = pieces.currentNode;
    if (piece.nodeType === Node.PROCESSING_INSTRUCTION_NODE) {
      at = seconds(piece.data);
      timed = true;
      continue;
    }
    const element = document.createElement("span");
    element.textContent = piece.data.trimEnd();
    said.append(element, piece.data.slice(element.textContent.length));
    words.push({ start: at, element });
  }
  button.append(small("who", who === before ? "" : who), said, small("time", clock(cue.startTime)));
  item.append(button);
  return { item, button, who, start: cue.startTime, end: cue.endTime, words: timed ? words : [] };
}

function small(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function seconds(stamp) {
  return stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

function clock(time) {
  return `${Math.floor(time / 60)}:${String(Math.floor(time % 60)).padStart(2, "0")}`;
}

// Scrolls the list, not the page.
function show(list, item) {
  const above = item.offsetTop - list.scrollTop;
  if (above < 0 || above + item.offsetHeight > list.clientHeight) list.scrollTop = item.offsetTop - list.clientHeight / 3;
}
