import { spawn } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const CHUNK_BYTES = 4 * 1024 * 1024

interface Asked {
  paths: string[]
  text: string
}

/**
 * The files of these in whose octets a text stands, also where SQLite keeps nothing any more. In a process of its own:
 * whoever closes a file takes away all locks that its process holds on it (sqlite.org/howtocorrupt.html, 2.2).
 */
export async function filesHolding(paths: readonly string[], text: string): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => {}) // it has ended: the exit code tells
  child.stdin.end(JSON.stringify({ paths: [...paths], text } satisfies Asked))
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  let said = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) said += chunk
  const code = await ended
  if (code !== 0) throw new Error(`the search of files ended with ${code}`)
  return JSON.parse(said) as string[]
}

function holds(path: string, text: string): boolean {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false // it was merged into another meanwhile
    throw error
  }
  try {
    const overlap = Buffer.byteLength(text) - 1
    const buffer = Buffer.alloc(CHUNK_BYTES + overlap)
    for (let kept = 0; ; ) {
      const read = readSync(fd, buffer, kept, CHUNK_BYTES, null)
      if (read === 0) return false
      const held = buffer.subarray(0, kept + read)
      if (held.includes(text)) return true
      kept = Math.min(overlap, held.length)
      held.copy(buffer, 0, held.length - kept)
    }
  } finally {
    closeSync(fd)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let asked = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) asked += chunk
  const { paths, text } = JSON.parse(asked) as Asked
  process.stdout.write(JSON.stringify(paths.filter((path) => holds(path, text))))
}
