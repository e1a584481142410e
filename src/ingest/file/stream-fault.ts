/**
 * Why a stream of bytes ends before its time. `truncated`: the compressed stream stops in the middle; `corrupt`: it
 * cannot be unpacked any further; `trailing_garbage`: whole streams, and then bytes that are none; `too_large`: it
 * unpacks to more than was allowed; `unreadable`: the disk or the network failed.
 */
export interface StreamFault {
  fault: 'truncated' | 'corrupt' | 'trailing_garbage' | 'too_large' | 'unreadable'
  detail: string
  /** Bytes of the input before the fault, and bytes that they unpacked to. */
  bytesIn: number
  bytesOut: number
}

/** Bytes of a stream in order; after a fault nothing follows. */
export type Piece = Buffer | StreamFault

export function isFault(piece: Piece): piece is StreamFault {
  return !Buffer.isBuffer(piece)
}
