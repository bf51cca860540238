// Raises errors on the page, navigates, and says what the page logged, how it was served and where it ended.
import { readInput, withPage } from "./browser.mjs";

const { url } = await readInput();

await withPage(async (page, logged) => {
  const failed = [];
  page.on("requestfailed", (request) => failed.push(request.url()));
  const answer = await page.goto(`${url}/diagnostics`);
  for (const button of ["#throw", "#reject", "#log"]) await page.click(button);
  await page.fill("input[name=patient]", "someone");
  await page.click("nav >> text=Appointments");
  await page.waitForURL("**/sign-in");
  const heading = await page.textContent("h1");
  process.stdout.write(JSON.stringify({ heading, logged, failed, headers: answer.headers() }));
});
