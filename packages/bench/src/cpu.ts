/** What the kernel tells of processes: CPU seconds and resident memory (Linux, proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of /proc a second: fixed by the kernel's interface for user space. */
const ticksPerSecond = 100;

interface ProcessStat {
  group: number;
  /** Its own and that of its children that have ended. */
  cpuSeconds: number;
}

/**
 * CPU seconds, user and system together, that the processes of a group have used so far. A part's script and the servers
 * it starts share a group.
 * @param group id of the group's first process
 */
export function cpuSecondsOfGroup(group: number): number {
  let seconds = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readStat(Number(entry));
    if (stat?.group === group) seconds += stat.cpuSeconds;
  }
  return seconds;
}

/** CPU seconds that one process has used so far, those of children that have ended included. @throws Error when it is gone */
export function cpuSecondsOf(pid: number): number {
  const stat = readStat(pid);
  if (stat === null) throw new Error(`Process ${pid} has ended.`);
  return stat.cpuSeconds;
}

/** CPU seconds that the whole machine has used so far, all cores together. */
export function cpuSecondsOfMachine(): number {
  return busySeconds(readFileSync('/proc/stat', 'utf8'));
}

/** Pure: the busy seconds of the first line of /proc/stat (user, nice, system, irq, softirq; idle and iowait are not work). */
export function busySeconds(procStat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = procStat
    .slice(0, procStat.indexOf('\n'))
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / ticksPerSecond;
}

/** Resident memory of a process in MB: now, and the most it ever was. */
export function residentMegabytes(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`/proc tells no ${name} of process ${pid}.`);
    return (Number(kilobytes) * 1024) / 1e6;
  };
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

function readStat(pid: number): ProcessStat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null; // it ended meanwhile
  }
}

/** Pure: the fields of /proc/pid/stat that count here; the name of the program may hold blanks and brackets. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { group: Number(fields[2]), cpuSeconds: ticks / ticksPerSecond };
}
