import { ref, type Ref } from "vue";
import { ApiError } from "./api";

/** Work that a view does with the API, and what became of it. */
export interface Attempt {
  readonly isBusy: Ref<boolean>;
  /** `failed` where nobody answers or the API breaks, `refused` where it says no. */
  readonly failure: Ref<"failed" | "refused" | undefined>;
  readonly run: (work: () => Promise<void>) => Promise<void>;
}

/** Tells the person before the page what failed; the error itself goes its usual way, to Sentry. */
export function useAttempt(): Attempt {
  const isBusy = ref(false);
  const failure = ref<"failed" | "refused">();

  async function run(work: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    failure.value = undefined;
    try {
      await work();
    } catch (error) {
      failure.value = error instanceof ApiError && error.status < 500 ? "refused" : "failed";
      throw error;
    } finally {
      isBusy.value = false;
    }
  }

  return { isBusy, failure, run };
}
