import type { RawAddress } from '../raw/raw-files.ts'

const REPORT_BYTES = 16

/** The column `reports` of a row: the hash of each report (8 octets) and where it lies (file, offset, index; 2, 4, 2). */
export function reportsBlob(hashes: readonly string[], raw: Map<string, RawAddress>): Buffer {
  const blob = Buffer.alloc(hashes.length * REPORT_BYTES)
  hashes.forEach((hash, index) => {
    const { file, offset, index: place } = raw.get(hash) ?? { file: 0, offset: 0, index: 0 }
    blob.write(hash, index * REPORT_BYTES, 'hex')
    blob.writeUInt16LE(file, index * REPORT_BYTES + 8)
    blob.writeUInt32LE(offset, index * REPORT_BYTES + 10)
    blob.writeUInt16LE(place, index * REPORT_BYTES + 14)
  })
  return blob
}

/** Where the raw reports of a row lie; those that never had one are left out. */
export function rawAddresses(blob: Uint8Array): Map<string, RawAddress> {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  const raw = new Map<string, RawAddress>()
  for (let at = 0; at < bytes.length; at += REPORT_BYTES) {
    raw.set(bytes.toString('hex', at, at + 8), {
      file: bytes.readUInt16LE(at + 8),
      offset: bytes.readUInt32LE(at + 10),
      index: bytes.readUInt16LE(at + 14),
    })
  }
  return raw
}
