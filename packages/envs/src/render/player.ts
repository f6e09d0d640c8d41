import { widestTicked } from "./film-strip.ts";

/**
 * The script of the animation page, as text: it runs in the reader's browser and uses nothing but the page.
 * Frames are interpolated in time; the camera follows the focus along x, offset by however far it was
 * dragged.
 */
export const player: string = `
"use strict";
const panels = JSON.parse(document.getElementById("data").textContent);
const [play, scrub, speed, time] = ["play", "scrub", "speed", "time"].map((id) => document.getElementById(id));
const showForces = document.getElementById("forces");
const duration = Math.max(...panels.map(({ frames, dt }) => (frames.length - 1) * dt));
// Of all panels together: the camera's place beside the focus, and how close it is.
const camera = { x: 0, y: 0, zoom: 1 };
let now = 0, playing = !matchMedia("(prefers-reduced-motion: reduce)").matches, last;
scrub.max = String(duration);

function draw(panel, k) {
  const canvas = document.getElementById("panel" + k);
  const ratio = devicePixelRatio || 1;
  const width = canvas.width = Math.round(canvas.clientWidth * ratio);
  const height = canvas.height = Math.round(canvas.clientHeight * ratio);
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const [half, bottom, top] = panel.window;
  const scale = camera.zoom * Math.min(width / (2 * half), height / (top - bottom));

  const place = Math.min(now / panel.dt, panel.frames.length - 1);
  const i = Math.floor(place), mix = place - i;
  const a = panel.frames[i], b = panel.frames[Math.min(i + 1, panel.frames.length - 1)];
  const at = (n) => a[n] + mix * (b[n] - a[n]);
  const focus = at(0);
  const X = (x) => width / 2 + scale * (x - focus - camera.x);
  const Y = (y) => height / 2 - scale * (y - (bottom + top) / 2 - camera.y);

  pen.strokeStyle = style.getPropertyValue("--line");
  pen.fillStyle = style.getPropertyValue("--line");
  pen.lineWidth = ratio;
  pen.font = 11 * ratio + "px system-ui, sans-serif";
  pen.textAlign = "center";
  if (a[1] !== null) {
    const [y, far] = [Y(at(1)), Y(at(2))];
    pen.globalAlpha = 0.2; pen.fillRect(0, far, width, y - far); pen.globalAlpha = 1;
    pen.beginPath(); pen.moveTo(0, y); pen.lineTo(width, y);
    const reach = width / 2 / scale, middle = focus + camera.x;
    const first = Math.ceil((middle - reach) * 2);
    const ticks = reach < ${widestTicked} ? Math.ceil((middle + reach) * 2) - first : 0;
    for (let k = 0; k < ticks; k++) {
      const x = (first + k) / 2;
      const whole = Number.isInteger(x);
      pen.moveTo(X(x), y); pen.lineTo(X(x), y + (whole ? 8 : 4) * ratio);
      if (whole) pen.fillText(x + " m", X(x), y + 20 * ratio);
    }
    pen.stroke();
  }
  panel.goals.forEach((goal) => drawGoal(pen, goal, { X, Y, scale, ratio, focus, panel, ground: at(1), style }));
  pen.lineCap = "round";
  if (panel.leavesTrail) {
    pen.strokeStyle = panel.colors[0]; pen.lineWidth = 1.5 * ratio; pen.beginPath();
    for (let j = 0; j <= i; j++) {
      const frame = panel.frames[j], n = frame.length - 5;
      pen.lineTo(X(frame[n]), Y(frame[n + 1]));
    }
    pen.lineTo(X(at(a.length - 5)), Y(at(a.length - 4))); pen.stroke();
  }
  for (let n = 3, s = 0; n < a.length; n += 5, s++) {
    pen.strokeStyle = panel.colors[s];
    pen.lineWidth = 2 * scale * panel.radii[a[n + 4]];
    pen.beginPath(); pen.moveTo(X(at(n)), Y(at(n + 1))); pen.lineTo(X(at(n + 2)) + 1e-3, Y(at(n + 3))); pen.stroke();
  }
  if (showForces && showForces.checked) {
    pen.strokeStyle = pen.fillStyle = style.getPropertyValue("--force");
    pen.lineWidth = 2 * ratio;
    const forces = panel.forces[Math.round(place)];
    for (let n = 0; n < forces.length; n += 4) {
      const [x, y, fx, fy] = forces.slice(n, n + 4);
      const size = Math.hypot(fx, fy);
      if (size === 0) continue;
      const length = scale * 0.25 * Math.log10(1 + size / 10) / size;
      const [x2, y2] = [X(x) + fx * length, Y(y) - fy * length];
      pen.beginPath(); pen.moveTo(X(x), Y(y)); pen.lineTo(x2, y2); pen.stroke();
      pen.beginPath(); pen.arc(x2, y2, 3 * ratio, 0, 7); pen.fill();
    }
  }
  document.getElementById("where" + k).textContent = panel.captions[Math.round(place)];
}

function drawGoal(pen, goal, { X, Y, scale, ratio, focus, panel, ground, style }) {
  pen.save();
  pen.strokeStyle = pen.fillStyle = style.getPropertyValue(["other-goal", "path"].includes(goal.kind) ? "--line" : "--goal");
  pen.lineWidth = 2 * ratio;
  if (goal.kind === "heading") {
    const size = Math.hypot(goal.x, goal.y) || 1, length = 60 * ratio;
    const [x, y] = [X(focus), 40 * ratio];
    const [dx, dy] = [goal.x / size * length, -goal.y / size * length];
    const angle = Math.atan2(dy, dx);
    pen.beginPath(); pen.moveTo(x - dx / 2, y - dy / 2); pen.lineTo(x + dx / 2, y + dy / 2);
    for (const turn of [2.6, -2.6])
      { pen.moveTo(x + dx / 2, y + dy / 2); pen.lineTo(x + dx / 2 + 12 * ratio * Math.cos(angle + turn), y + dy / 2 + 12 * ratio * Math.sin(angle + turn)); }
    pen.stroke();
  } else if (goal.kind === "pace") {
    const x = X(goal.x + goal.v * Math.min(now, (panel.frames.length - 1) * panel.dt));
    pen.setLineDash([6 * ratio, 4 * ratio]);
    pen.beginPath(); pen.moveTo(x, 0); pen.lineTo(x, pen.canvas.height); pen.stroke();
    pen.fillText(goal.v.toFixed(2) + " m/s", x, 14 * ratio);
  } else if (goal.kind === "path") {
    pen.beginPath(); goal.points.forEach(([x, y]) => pen.lineTo(X(x), Y(y))); pen.stroke();
  } else {
    const radius = Math.max(goal.radius ? scale * goal.radius : 0, goal.kind === "circle" ? 0 : 5 * ratio);
    pen.beginPath(); pen.arc(X(goal.x), Y(goal.y), radius, 0, 7); pen.stroke();
  }
  pen.restore();
}

function show() {
  panels.forEach(draw);
  scrub.value = String(now);
  const { dt, isTimed } = panels[0];
  time.textContent = isTimed
    ? now.toFixed(2) + " s of " + duration.toFixed(2) + " s"
    : "step " + Math.round(now / dt) + " of " + Math.round(duration / dt);
  play.textContent = playing ? "Pause" : "Play";
}
function tick(stamp) {
  if (playing) {
    if (last !== undefined) now += (stamp - last) / 1000 * Number(speed.value);
    if (now > duration) now = 0;
    last = stamp;
    requestAnimationFrame(tick);
  } else last = undefined;
  show();
}
function toggle() { playing = !playing; requestAnimationFrame(tick); }
play.addEventListener("click", toggle);
scrub.addEventListener("input", () => { now = Number(scrub.value); playing = false; show(); });
if (showForces) showForces.addEventListener("change", show);
addEventListener("resize", show);
panels.forEach((panel, k) => {
  const canvas = document.getElementById("panel" + k);
  const [half, bottom, top] = panel.window;
  const metres = () => 1 / (camera.zoom * Math.min(canvas.clientWidth / (2 * half), canvas.clientHeight / (top - bottom)));
  let from;
  canvas.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (from === undefined) return;
    camera.x -= (event.clientX - from[0]) * metres();
    camera.y += (event.clientY - from[1]) * metres();
    from = [event.clientX, event.clientY];
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { from = undefined; });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    camera.zoom = Math.min(20, Math.max(0.1, camera.zoom * Math.exp(-event.deltaY / 500)));
    show();
  }, { passive: false });
  canvas.addEventListener("dblclick", () => { Object.assign(camera, { x: 0, y: 0, zoom: 1 }); show(); });
});
addEventListener("keydown", (event) => {
  if (event.key === " " && !event.target.closest("button, select, input")) { event.preventDefault(); toggle(); }
});
requestAnimationFrame(tick);
`;
