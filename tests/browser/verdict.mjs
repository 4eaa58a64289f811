// Opens reports in Chromium, and prints for each what keeps its verdict from being seen: a list of lists, in JSON.
// usage: node verdict.mjs REPORT.html…
import { chromium } from "playwright-core";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const all = [];
for (const file of process.argv.slice(2)) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  const noise = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) noise.push(`asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForTimeout(150);
  await page.mouse.move(500, 600);
  await page.mouse.wheel(0, 40);
  await page.keyboard.press("Home");
  await page.waitForTimeout(250);
  noise.push(
    ...(await page.evaluate(() => {
      const word = document.querySelector("#verdict .call strong");
      const box = word.getBoundingClientRect();
      const style = getComputedStyle(word);
      const problems = [];
      if (box.top < 0 || box.bottom > innerHeight || box.left < 0 || box.right > innerWidth) problems.push("out of sight");
      if (box.width < 60 || box.height < 20) problems.push(`${box.width} × ${box.height}`);
      for (const part of [0.1, 0.5, 0.9]) {
        const on = document.elementFromPoint(box.left + box.width * part, box.top + box.height / 2);
        if (on !== word) problems.push(`covered by ${on?.tagName}.${on?.className}`);
      }
      for (let at = word; at; at = at.parentElement) {
        const { opacity, visibility, filter, clipPath, transform } = getComputedStyle(at);
        const seen = [opacity, visibility, filter, clipPath, transform].join(" ");
        if (seen !== "1 visible none none none") problems.push(`${at.tagName}: ${seen}`);
      }
      const first = getComputedStyle(word, "::first-line");
      for (const { color, webkitTextFillColor, textIndent, fontSize, backgroundImage } of [style, first]) {
        const seen = [webkitTextFillColor === color, textIndent, parseFloat(fontSize) > 20, backgroundImage].join(" ");
        if (seen !== "true 0px true none") problems.push(`text: ${seen}`);
      }
      if (style.color === "rgba(0, 0, 0, 0)" || style.color === "rgb(255, 255, 255)") problems.push(`colour ${style.color}`);
      for (const at of ["::before", "::after"]) {
        for (const element of [document.documentElement, document.body, word.parentElement, word]) {
          if (!["none", "normal"].includes(getComputedStyle(element, at).content)) problems.push(`${element.tagName}${at}`);
        }
      }
      return problems;
    })),
  );
  await page.close();
  all.push(noise);
}
await browser.close();
console.log(JSON.stringify(all));
