/**
 * The script of the animation page, as text: it runs in the reader's browser and uses nothing but the page.
 * Frames are interpolated in time; the camera follows the robot along x.
 */
export const player: string = `
"use strict";
const panels = JSON.parse(document.getElementById("data").textContent);
const [play, scrub, speed, time] = ["play", "scrub", "speed", "time"].map((id) => document.getElementById(id));
const showForces = document.getElementById("forces");
const duration = Math.max(...panels.map(({ frames, dt }) => (frames.length - 1) * dt));
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
  const scale = Math.min(width / (2 * half), height / (top - bottom));

  const place = Math.min(now / panel.dt, panel.frames.length - 1);
  const i = Math.floor(place), mix = place - i;
  const a = panel.frames[i], b = panel.frames[Math.min(i + 1, panel.frames.length - 1)];
  const at = (n) => a[n] + mix * (b[n] - a[n]);
  const focus = at(0);
  const X = (x) => width / 2 + scale * (x - focus);
  const Y = (y) => height - scale * (y - bottom);

  pen.strokeStyle = style.getPropertyValue("--line");
  pen.fillStyle = style.getPropertyValue("--line");
  pen.lineWidth = ratio;
  pen.font = 11 * ratio + "px system-ui, sans-serif";
  pen.textAlign = "center";
  if (a[1] !== null) {
    const [y, far] = [Y(at(1)), Y(at(2))];
    pen.globalAlpha = 0.2; pen.fillRect(0, far, width, y - far); pen.globalAlpha = 1;
    pen.beginPath(); pen.moveTo(0, y); pen.lineTo(width, y);
    const reach = width / 2 / scale;
    for (let x = Math.ceil((focus - reach) * 2) / 2; x < focus + reach; x += 0.5) {
      const whole = Number.isInteger(x);
      pen.moveTo(X(x), y); pen.lineTo(X(x), y + (whole ? 8 : 4) * ratio);
      if (whole) pen.fillText(x + " m", X(x), y + 20 * ratio);
    }
    pen.stroke();
  }
  pen.lineCap = "round";
  for (let n = 4, s = 0; n < a.length; n += 5, s++) {
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
  document.getElementById("where" + k).textContent = "x = " + at(3).toFixed(2) + " m";
}

function show() {
  panels.forEach(draw);
  scrub.value = String(now);
  time.textContent = now.toFixed(2) + " s of " + duration.toFixed(2) + " s";
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
addEventListener("keydown", (event) => {
  if (event.key === " " && event.target === document.body) { event.preventDefault(); toggle(); }
});
requestAnimationFrame(tick);
`;
