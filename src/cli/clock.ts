/** A clock that differs from the last time by more than this was set, and is believed. */
const SET_US = 1_000_000

/**
 * Epoch microseconds of a clock in milliseconds, each later than the one before, so that of two reports the one that
 * arrived later has the later arrival. While the clock steps back by less than a second it stands, so to speak, still.
 */
export function growingClock(readMs: () => number): () => number {
  let lastUs = 0
  return () => {
    const clockUs = Math.round(readMs() * 1000)
    lastUs = clockUs > lastUs || lastUs - clockUs > SET_US ? clockUs : lastUs + 1
    return lastUs
  }
}
