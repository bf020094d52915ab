// The two ways lsyncd writes a time, both local.

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `15:51:18`: the console. */
export function timeOfDay(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** `Fri Nov  6 15:51:18 2026`, as ctime(3) has it, the day padded with a space: the logfile, the status file. */
export function ctime(at: Date): string {
  const day = String(at.getDate()).padStart(2);
  return `${weekdays[at.getDay()]} ${months[at.getMonth()]} ${day} ${timeOfDay(at)} ${at.getFullYear()}`;
}
