import type { Transform } from 'node:stream'
import type { ByteSource } from './byte-source.ts'

/** `garbage`: the decoder went on behind a whole frame and met bytes that begin no other. */
export type FrameEnd = 'whole' | 'truncated' | 'corrupt' | 'garbage' | 'stopped'

/**
 * Unpacks one frame (or more, where the decoder goes on by itself) with a decoder of node:zlib, as fast as the consumer
 * takes the pieces, so that a bomb is never unpacked ahead. `onPiece` says whether to go on. What the decoder has not
 * used is put back, which node:zlib itself does not do: it drops everything after a zstd frame within the same chunk.
 */
export async function* unpackFrame(
  source: ByteSource,
  decoder: Transform & { bytesWritten: number },
  onPiece: (piece: Buffer) => boolean,
): AsyncGenerator<Buffer, FrameEnd> {
  const state = watch(decoder)
  let fed = 0
  try {
    for (;;) {
      const chunk = await source.next()
      if (chunk === null) decoder.end()
      else decoder.write(chunk, () => state.settle())
      fed += chunk?.length ?? 0
      for (;;) {
        for (let piece = decoder.read() as Buffer | null; piece !== null; piece = decoder.read()) {
          if (!onPiece(piece)) return 'stopped'
          yield piece
        }
        if (state.isSettled || state.isOver) break
        await state.change()
      }
      if (chunk !== null) source.unread(chunk.subarray(chunk.length - (fed - decoder.bytesWritten)))
      fed = decoder.bytesWritten
      if (state.error?.code === 'ZSTD_error_prefix_unknown') return 'garbage'
      if (state.error !== null) return chunk === null ? 'truncated' : 'corrupt'
      if (state.isOver) return 'whole'
      state.isSettled = false
    }
  } finally {
    decoder.destroy()
  }
}

interface Watch {
  isSettled: boolean
  isOver: boolean
  error: NodeJS.ErrnoException | null
  settle(): void
  change(): Promise<void>
}

/** What becomes of a decoder: `isSettled` when it has used the last chunk, `isOver` when its stream has ended. */
function watch(decoder: Transform): Watch {
  let wake = () => {}
  let isAwake = false
  const notify = () => {
    isAwake = true
    wake()
  }
  const state: Watch = {
    isSettled: false,
    isOver: false,
    error: null,
    settle() {
      state.isSettled = true
      notify()
    },
    async change() {
      if (!isAwake)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      isAwake = false
    },
  }
  decoder.on('readable', notify)
  decoder.on('end', () => {
    state.isOver = true
    notify()
  })
  decoder.on('error', (error) => {
    state.error = error
    state.isOver = true
    notify()
  })
  return state
}
