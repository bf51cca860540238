// Answers each question of the page by finger, with the first or with the second answer.
// Reads {url, choice} from standard input.
import { readInput, withPage } from "./browser.mjs";

const { url, choice } = await readInput();

const TAPPED = ["radio", "checkbox", "pair", "keypad", "stars", "role", "option", "row", "item", "day", "pressed", "swatch", "score", "map", "static", "wrapped", "mixed", "card", "plan", "tick", "deep", "shown", "sign", "turned"];

await withPage(async (page) => {
  let segments = 0;
  page.on("requestfinished", (request) => {
    if (request.postDataBuffer()?.includes("replay_recording") === true) segments += 1;
  });
  await page.addInitScript("Math.random = () => 0");
  // Everything is in view, so that nothing scrolls to what is answered.
  await page.setViewportSize({ width: 1280, height: 3000 });
  await page.goto(`${url}/choices`);
  await page.waitForSelector("#written");
  const pause = () => page.waitForTimeout(60);
  for (const widget of TAPPED) {
    await page.click(`[data-choice=${widget}-${choice}]`, { force: true });
    await pause();
  }
  await page.selectOption("#select", { index: choice });
  await page.click("#range", { position: { x: 20 + choice * 60, y: 5 } });
  await pause();
  await page.click("#slider", { position: { x: 30 + choice * 90, y: 10 } });
  const canvas = await page.locator("#signature").boundingBox();
  await page.mouse.move(canvas.x + 10, canvas.y + 10);
  await page.mouse.down();
  for (let step = 0; step < 8; step += 1) await page.mouse.move(canvas.x + 10 + step * 9, canvas.y + 10 + step * (choice === 0 ? 1 : 5));
  await page.mouse.up();
  await page.click("#written");
  await page.keyboard.type(choice === 0 ? "12345" : "98765", { delay: 20 });
  await pause();
  // A session of less than five seconds isn't recorded.
  const recorded = async () => {
    const before = segments;
    for (const deadline = Date.now() + 30_000; segments === before; await pause()) {
      if (Date.now() > deadline) throw new Error("the recording didn't leave");
      await page.evaluate(() => globalThis.finish());
    }
  };
  await recorded();
  // A recording that begins now has what was chosen in its first picture.
  await page.evaluate(() => globalThis.again());
  await recorded();
  await page.goto("about:blank");
});
process.stdout.write("{}");
