import { parseMasterLines } from '../asterisk/parse-master-lines.ts'

export const FILE_FORMATS = ['freeswitch-json', 'asterisk-csv', 'native-ndjson'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]

/** Bytes of the unpacked beginning of a file that are enough to tell what it holds. */
export const SNIFFED_BYTES = 64 * 1024

/**
 * What a file holds, by the unpacked beginning of it; its name decides only where that leaves a choice. Null: none of
 * the formats that are read.
 */
export function sniffFormat(head: Buffer, name: string): FileFormat | null {
  const lines = linesOf(head)
  const first = lines.find((line) => line.trim() !== '')?.trim() ?? ''
  if (first.startsWith('{') || first.startsWith('[')) {
    const text = head.toString('utf8')
    const isSwitch =
      /"core-uuid"\s*:/.test(text) || (/"variables"\s*:\s*\{/.test(text) && /"(?:callflow|channel_data)"/.test(text))
    return isSwitch || /\.cdr\.json(?:\.\w+)?$/i.test(name) ? 'freeswitch-json' : 'native-ndjson'
  }
  return lines.slice(0, 20).some(isMasterLine) ? 'asterisk-csv' : null
}

/** Whether each record is a line of its own; otherwise objects may go over several lines. */
export function isOneObjectALine(head: Buffer): boolean {
  return linesOf(head).some((line) => line.startsWith('{') && line.trimEnd().endsWith('}'))
}

/** Whole lines, the last one too where the head is all there is. */
function linesOf(head: Buffer): string[] {
  const text = head.toString('utf8').replace(/^\uFEFF/, '')
  const lines = text.split('\n')
  return head.length >= SNIFFED_BYTES && lines.length > 1 ? lines.slice(0, -1) : lines
}

function isMasterLine(line: string): boolean {
  const [columns] = parseMasterLines([line.replace(/\r$/, '')])
  if (columns == null || columns.length < 16 || columns.length > 21) return false
  return (
    [9, 11].every((index) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(columns[index] ?? '')) &&
    /^\d+$/.test(columns[12] ?? '')
  )
}
