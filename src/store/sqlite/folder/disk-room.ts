import { statfsSync } from 'node:fs'
import { FULL } from './disk-error.ts'

const MIB = 1024 * 1024
const MOST_LEFT_BYTES = 64 * MIB
const LEFT_SHARE = 0.05

/** Bytes that are left free on a disk of a size: 64 MiB, or a twentieth where that is less. */
export function bytesLeftFree(diskBytes: number): number {
  return Math.min(MOST_LEFT_BYTES, Math.floor(diskBytes * LEFT_SHARE))
}

/**
 * Throws, with SQLite's code for a full disk, where the disk of a folder has less room than is left free on it. A group
 * that changes several files is many commits, and a disk that is full between two of them can only be got over by a new
 * start; so a store stops taking in before it is full. Takes some microseconds.
 */
export function requireRoom(folder: string): void {
  const { bavail, blocks, bsize } = statfsSync(folder)
  const left = bytesLeftFree(blocks * bsize)
  if (bavail * bsize >= left) return
  const message = `less than ${Math.ceil(left / MIB)} MiB of the disk are free`
  throw Object.assign(new Error(message), { errcode: FULL })
}
