import { closeSync, existsSync, fsyncSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type RawBlock, readBlock } from './raw-block.ts'

/** Where one report lies. `file` and `offset` find the block, `index` the report in it; file 0: it is nowhere. */
export interface RawAddress {
  file: number
  offset: number
  index: number
}

/** Where a block lies. */
export type Place = Pick<RawAddress, 'file' | 'offset'>

export function rawPath(folder: string, file: number): string {
  return join(folder, `${String(file).padStart(6, '0')}.zlog`)
}

/** Makes the names in a folder themselves durable. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** The whole block that an address names, and where it lies now; null where it is damaged or its file gone. */
export function wholeBlockAt(folder: string, place: Place): (Place & { block: RawBlock }) | null {
  for (let at = place; ; ) {
    const block = blockAt(folder, at)
    if (block === null || block.movedTo === null) return block === null ? null : { ...at, block }
    at = block.movedTo
  }
}

/** Whether an address leads to no whole block though there is something in the file: not where that was let go of. */
export function isDamagedAt(folder: string, place: Place): boolean {
  for (let at = place; ; ) {
    const block = blockAt(folder, at)
    if (block === null) return (statSync(rawPath(folder, at.file), { throwIfNoEntry: false })?.size ?? 0) > 0
    if (block.movedTo === null) return false
    at = block.movedTo
  }
}

function blockAt(folder: string, { file, offset }: Place): RawBlock | null {
  const path = rawPath(folder, file)
  if (!existsSync(path)) return null
  const fd = openSync(path, 'r')
  try {
    // Once more where it is not whole: it may be taking its old place just now, without reports that were forgotten.
    return readBlock(fd, offset) ?? readBlock(fd, offset)
  } finally {
    closeSync(fd)
  }
}
