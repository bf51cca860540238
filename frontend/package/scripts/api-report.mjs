// Compares the public API with the committed report; with --update, writes the report.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CompilerState, Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const update = process.argv.includes("--update");
mkdirSync(join(folder, "etc"), { recursive: true });

const configurations = [
  ["dist/index.d.ts", "otel-browser"],
  ["dist/without-replay.d.ts", "otel-browser-without-replay"],
  ["dist/vanilla.d.ts", "otel-browser-vanilla"],
  ["dist/react.d.ts", "otel-browser-react"],
  ["dist/vite/index.d.ts", "otel-browser-vite"],
].map(([entry, report]) =>
  ExtractorConfig.prepare({
    packageJsonFullPath: join(folder, "package.json"),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, entry),
      compiler: { tsconfigFilePath: join(folder, "tsconfig.json") },
      apiReport: {
        enabled: true,
        reportFileName: `${report}.api.md`,
        reportFolder: join(folder, "etc"),
        reportTempFolder: join(folder, "dist", "api"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: "warning" },
          "ae-missing-release-tag": { logLevel: "none" },
        },
        tsdocMessageReporting: { default: { logLevel: "none" } },
      },
    },
  }),
);
// One compilation for all of the entries: it is what takes the time.
const compilerState = CompilerState.create(configurations[0], {
  additionalEntryPoints: configurations.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
});
const results = configurations.map((configuration) =>
  Extractor.invoke(configuration, { compilerState, localBuild: update, showVerboseMessages: false }),
);
process.exitCode = results.every((result) => result.succeeded) ? 0 : 1;
