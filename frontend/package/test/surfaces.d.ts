/** What leaves of an input; `undefined` where nothing does. */
export function surfaces(modules: Record<string, unknown>): {
  readonly known: (surface: string) => boolean;
  readonly judge: (surface: string, given: Record<string, string[]>, input: unknown, key?: string) => unknown;
};

export function expectation(vector: { input: unknown; expect: Record<string, unknown> }): { leaves?: unknown } | undefined;
