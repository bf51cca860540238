import type { Guard } from "./guard.js";
import { fields, list, present, whole } from "./reading.js";

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

function rebuildFrame(guard: Guard, frame: unknown): StackFrame {
  const { filename, function: name, lineno, colno, in_app: inApp } = fields(frame);
  const script = guard.files.name(filename);
  // Lines and columns that no script of the build has can be data's: a message's line can look like a frame.
  return present({
    filename: script ?? "<unknown>",
    function: guard.texts.functionName(name, script !== undefined) ?? "?",
    lineno: script === undefined ? undefined : whole(lineno, 0, 10_000_000),
    colno: script === undefined ? undefined : whole(colno, 0, 10_000_000),
    in_app: typeof inApp === "boolean" ? inApp : undefined,
  });
}
