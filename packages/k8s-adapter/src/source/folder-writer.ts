import { appendFile, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { textOf } from "../error-text.ts";

/** Whether a file of this name is one that {@link replaceFile} has not put in its place yet. */
export function isUnfinished(name: string): boolean {
  return name.startsWith(".") && name.endsWith(".tmp");
}

/**
 * Writes a file whole: others see the old one or the new one, and so does a machine that lost its
 * power. Makes its folder. Only one write of a path may be under way in a process.
 *
 * @param mode Who may read it; by default as the process makes files.
 *
 * @throws {Error} when it cannot; the message names the file.
 */
export async function replaceFile(
  directory: string,
  name: string,
  text: string,
  mode = 0o666,
): Promise<void> {
  const unfinished = join(directory, `.${name}.${process.pid}.tmp`);
  try {
    await mkdir(directory, { recursive: true });
    const file = await open(unfinished, "w", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(directory, name));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw new Error(`${join(directory, name)} could not be written: ${textOf(error)}`, {
      cause: error,
    });
  }
}

/** Removes a file, if it is there. @throws {Error} when it cannot; the message names the file. */
export async function removeFile(directory: string, name: string): Promise<void> {
  try {
    await rm(join(directory, name), { force: true });
  } catch (error) {
    throw new Error(`${join(directory, name)} could not be removed: ${textOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Appends a line; once the file is as large as `mostBytes` it is set aside as `NAME.1`, in place of
 * the one set aside before. Several processes may append to one file.
 *
 * @throws {Error} when it cannot.
 */
export async function appendLine(path: string, line: string, mostBytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  );
  if (size >= mostBytes) await rename(path, `${path}.1`);
  await appendFile(path, `${line}\n`);
}
