/** Seeds that once found a fault of the store, and with how many crashes: they are always run. What each found. */
export const KEPT_SEEDS: readonly { seed: number; crashes: number; found: string }[] = []
