import type { Guard } from "./guard.js";
import { fields, list, present, whole } from "./reading.js";

/** A script's name below one of the application's script folders. */
const SCRIPT = /^(?:[A-Za-z0-9_@.-]{1,64}\/){0,6}[A-Za-z0-9_@.-]{1,128}\.(?:m?js|ts|vue)$/;

/** The most frames that an exception keeps: the ones nearest to the error, which stand last. */
const MOST_FRAMES = 50;

export interface StackFrame {
  filename?: string;
  function?: string;
  lineno?: number;
  colno?: number;
  in_app?: boolean;
}

/** A stack of frames with file, function, line and column; no variables and no source lines. */
export function rebuildStack(guard: Guard, stacktrace: unknown): { frames: StackFrame[] } | undefined {
  const frames = list(fields(stacktrace).frames)
    .slice(-MOST_FRAMES)
    .map((frame) => rebuildFrame(guard, frame));
  return frames.length > 0 ? { frames } : undefined;
}

/** A script's URL as a path of the application, `app:///assets/index-3c9f.js`, where it is one of its scripts. */
export function scriptName(guard: Guard, url: unknown): string | undefined {
  if (typeof url !== "string") return undefined;
  const path = url.startsWith("app:///") ? url.slice("app://".length) : guard.urls.ownPath(url);
  if (path === undefined) return undefined;
  const folder = guard.scripts.find((prefix) => path.startsWith(prefix));
  return folder !== undefined && SCRIPT.test(path.slice(folder.length)) ? `app://${path}` : undefined;
}

function rebuildFrame(guard: Guard, frame: unknown): StackFrame {
  const { filename, function: name, lineno, colno, in_app: inApp } = fields(frame);
  const script = scriptName(guard, filename);
  return present({
    filename: script ?? "<unknown>",
    function: guard.texts.functionName(name, script !== undefined) ?? "?",
    lineno: whole(lineno, 0, 10_000_000),
    colno: whole(colno, 0, 10_000_000),
    in_app: typeof inApp === "boolean" ? inApp : undefined,
  });
}
