/** Asking the server for a training, where it was allowed to start some. */
import type {
  LaunchFolder,
  LaunchJob,
  LaunchPreset,
  LaunchRequest,
  LaunchState,
} from "../../../src/studio/launch/protocol.ts";
import { change, get } from "../api.ts";

/** Whether trainings can be started, and those that were. */
export const launchState = (): Promise<LaunchState> => get("/api/launch");
/** Presets to start from, with their descriptions. */
export const launchPresets = (): Promise<readonly LaunchPreset[]> => get("/api/launch/presets");
/** What is in a folder that images can be chosen from. @param path below the root, with slashes */
export const launchFolder = (path: string): Promise<LaunchFolder> =>
  get(`/api/launch/folder?${new URLSearchParams({ path })}`);
/** Begin a dry run. @throws Error saying why not */
export const planLaunch = (request: LaunchRequest): Promise<LaunchJob> =>
  change("/api/launch/plan", "POST", request);
/** Begin what a dry run has looked at. @throws Error saying why not */
export const startLaunch = (ticket: string): Promise<LaunchJob> =>
  change("/api/launch/train", "POST", { ticket });
/** Let what is under way save and end. */
export const stopLaunch = (): Promise<unknown> => change("/api/launch/stop", "POST");
