import { existsSync, statSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Console, OutputClosedError, type Progress } from './console.ts'
import { wrongUsage } from './exit.ts'
import { ProgressLine } from './progress-line.ts'

/** A place for a command's output: standard output, or a file that appears only when it is whole. */
export interface Output {
  write(text: string): Promise<void>
  /** Called once at the end; `whole` says whether the command got through. */
  finish(whole: boolean): Promise<void>
}

/** The console of the process that was started. */
export class Terminal implements Console {
  readonly #abort = new AbortController()
  readonly #progress = new ProgressLine((line) => this.say(line))
  #output: Output = standardOutput
  isQuiet = false

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Stops what runs. */
  interrupt(): void {
    this.#abort.abort()
  }

  /** Sends the output elsewhere, or again to standard output for null; the caller finishes it. */
  divert(output: Output | null): void {
    this.#output = output ?? standardOutput
  }

  out(text: string): Promise<void> {
    this.#progress.clear()
    return this.#output.write(text)
  }

  say(line: string): void {
    this.#progress.clear()
    process.stderr.write(`${line}\n`)
  }

  progress(state: Progress | null): void {
    if (!this.isQuiet) this.#progress.show(state)
  }

  stdin(): AsyncIterable<Uint8Array> {
    return process.stdin
  }
}

let isClosed = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  isClosed = true
})

const standardOutput: Output = {
  write: (text) =>
    new Promise((resolve, reject) => {
      if (isClosed) reject(new OutputClosedError())
      else
        process.stdout.write(text, (error) => {
          if (error == null) resolve()
          else reject((error as NodeJS.ErrnoException).code === 'EPIPE' ? new OutputClosedError() : error)
        })
    }),
  finish: async () => {},
}

/** Writes beside the file and gives it its name at the end, so that nobody ever finds half of it there. */
export async function fileOutput(path: string): Promise<Output> {
  if (existsSync(path) && statSync(path).isDirectory()) throw wrongUsage(`--out: ${path} is a folder`)
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory())
    throw wrongUsage(`--out: there is no folder ${dirname(path)}`)
  const partial = `${path}.${process.pid}.part`
  const file: FileHandle = await open(partial, 'wx', 0o640)
  return {
    async write(text) {
      await file.writeFile(text)
    },
    async finish(whole) {
      if (whole) await file.sync()
      await file.close()
      if (whole) await rename(partial, path)
      else await rm(partial, { force: true })
    },
  }
}
