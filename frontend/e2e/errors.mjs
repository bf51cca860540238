// Raises errors on the page, navigates, and says what the page logged, how it was served and where it ended.
import { readInput, withPage } from "./browser.mjs";

const { url } = await readInput();

await withPage(async (page, logged) => {
  const failed = [];
  const underway = new Set();
  page.on("request", (request) => request.url().includes("/envelope/") && underway.add(request));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => underway.delete(request));
  page.on("requestfailed", (request) => failed.push(request.url()));
  const answer = await page.goto(`${url}/diagnostics`);
  for (const button of ["#throw", "#reject", "#log"]) await page.click(button);
  await page.fill("input[name=patient]", "someone");
  await page.click("nav >> text=Appointments");
  await page.waitForURL("**/sign-in");
  const heading = await page.textContent("h1");
  // A browser that closes cuts off what it is sending, and a server behind a busy one answers late.
  const deadline = Date.now() + 60_000;
  while (underway.size > 0 && Date.now() < deadline) await page.waitForTimeout(50);
  process.stdout.write(JSON.stringify({ heading, logged, failed, headers: answer.headers() }));
});
