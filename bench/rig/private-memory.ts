import { readFileSync } from 'node:fs'

/** Bytes that only this process has in memory (Linux, `Private_*` of smaps_rollup); null where it cannot be told. */
export function privateBytes(pid: number): number | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  } catch {
    return null
  }
  const kib = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, digits]) => Number(digits))
  return kib.reduce((sum, part) => sum + part, 0) * 1024
}
