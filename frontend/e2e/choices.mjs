// Answers each question of some pages by finger: of one copy with the first answer, of another with the last.
// Reads the copies' sites by path from standard input.
import { readInput, withPages } from "./browser.mjs";

/** Chooses by the browser's own controls, and by what is dragged and drawn. */
async function useControls(page, choice) {
  await page.selectOption("#select", { index: choice });
  await page.click("#range", { position: { x: 20 + choice * 60, y: 5 } });
  await page.waitForTimeout(60);
  await page.click("#slider", { position: { x: 30 + choice * 90, y: 10 } });
  const canvas = await page.locator("#signature").boundingBox();
  await page.mouse.move(canvas.x + 10, canvas.y + 10);
  await page.mouse.down();
  for (let step = 0; step < 8; step += 1) await page.mouse.move(canvas.x + 10 + step * 9, canvas.y + 10 + step * (1 + choice * 4));
  await page.mouse.up();
}

/** Opens a list of the page's own making, and chooses of it. */
async function useList(page, choice) {
  await page.click("#combo");
  await page.click(`[data-later=combo-${choice}]`);
}

/** Turns wheels to a value, and points at places of pictures. */
async function useGestures(page, choice) {
  await page.$$eval("[data-wheel]", (wheels, top) => wheels.forEach((wheel) => (wheel.scrollTop = top)), 48 + choice * 240);
  for (const picture of ["#body", "#scale"]) await page.click(picture, { position: { x: 20 + choice * 120, y: 20 + choice * 50 } });
}

const USES = { "/choices": useControls, "/layouts": useList, "/gestures": useGestures };

const answer = (path, url, choice) => async (page) => {
  let recordings = 0;
  page.on("requestfinished", (request) => {
    const body = request.postDataBuffer();
    if (body?.includes("replay_recording") === true && body.includes('"segment_id":0')) recordings += 1;
  });
  await page.addInitScript("Math.random = () => 0");
  // Everything is in view, so that nothing scrolls to what is answered.
  await page.setViewportSize({ width: 1280, height: 3000 });
  await page.goto(url + path);
  await page.waitForSelector("#written");
  const pause = () => page.waitForTimeout(60);
  const questions = new Map();
  for (const answer of await page.$$eval("[data-choice]:enabled, [data-choice]:not(button, input)", (answers) => answers.map(({ dataset }) => dataset.choice))) {
    const question = answer.slice(0, answer.lastIndexOf("-"));
    questions.set(question, [...(questions.get(question) ?? []), answer]);
  }
  for (const answers of questions.values()) {
    await page.click(`[data-choice=${answers.at(-choice)}]`, { force: true });
    await pause();
  }
  await USES[path](page, choice);
  await pause();
  await page.click("#written");
  await page.keyboard.type(choice === 0 ? "12345" : "98765", { delay: 20 });
  await pause();
  // A session of less than five seconds isn't recorded.
  const recorded = async (count) => {
    const deadline = Date.now() + 60_000;
    do {
      if (Date.now() > deadline) throw new Error("the recording didn't leave");
      await pause();
      await page.evaluate(() => globalThis.finish());
    } while (recordings < count);
  };
  await recorded(1);
  // A recording that begins now has what was chosen in its first picture.
  await page.evaluate(() => globalThis.again());
  await recorded(2);
  await page.goto("about:blank");
};
await withPages(Object.entries(await readInput()).flatMap(([path, urls]) => urls.map((url, choice) => answer(path, url, choice))));
process.stdout.write("{}");
