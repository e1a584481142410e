import assert from 'node:assert'

/** A billing increment such as 60/6: the first block in seconds, then the step in seconds. */
export interface Increment {
  firstS: number
  nextS: number
}

/**
 * Seconds to bill for a call of whole `seconds`: the first block whole, then whole steps; a started step is a whole
 * step. 0 s bills 0 s, whatever the increment: that call was not answered. `firstS` is 0 or more, `nextS` 1 or more.
 */
export function billedSeconds(seconds: number, { firstS, nextS }: Increment): number {
  assert(Number.isSafeInteger(seconds) && seconds >= 0, `seconds: ${seconds}`)
  assert(Number.isSafeInteger(firstS) && firstS >= 0, `firstS: ${firstS}`)
  assert(Number.isSafeInteger(nextS) && nextS > 0, `nextS: ${nextS}`)
  if (seconds === 0) return 0
  const overS = Math.max(0, seconds - firstS)
  return firstS + Math.ceil(overS / nextS) * nextS
}
