const UNITS = ['KiB', 'MiB', 'GiB', 'TiB']

/** Bytes for people: `512 B`, `1.4 GiB`. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 'B']
  for (const next of UNITS) {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`
}
