import { bool, int32, message, named, required, string, type TypeOf, time } from '../schema/builder.ts';

const containerStateWaiting = message('io.k8s.api.core.v1.ContainerStateWaiting', '', {
  reason: [1, string],
  message: [2, string],
});
export interface ContainerStateWaiting extends TypeOf<typeof containerStateWaiting> {}
export const ContainerStateWaitingSchema = named<ContainerStateWaiting>(containerStateWaiting);

const containerStateRunning = message('io.k8s.api.core.v1.ContainerStateRunning', '', {
  startedAt: [1, time],
});
export interface ContainerStateRunning extends TypeOf<typeof containerStateRunning> {}
export const ContainerStateRunningSchema = named<ContainerStateRunning>(containerStateRunning);

const containerStateTerminated = message('io.k8s.api.core.v1.ContainerStateTerminated', '', {
  exitCode: [1, required(int32)],
  signal: [2, int32],
  reason: [3, string],
  message: [4, string],
  startedAt: [5, time],
  finishedAt: [6, time],
  containerID: [7, string],
});
export interface ContainerStateTerminated extends TypeOf<typeof containerStateTerminated> {}
export const ContainerStateTerminatedSchema = named<ContainerStateTerminated>(containerStateTerminated);

const containerState = message('io.k8s.api.core.v1.ContainerState', '', {
  waiting: [1, ContainerStateWaitingSchema],
  running: [2, ContainerStateRunningSchema],
  terminated: [3, ContainerStateTerminatedSchema],
});
export interface ContainerState extends TypeOf<typeof containerState> {}
export const ContainerStateSchema = named<ContainerState>(containerState);

const containerStatus = message('io.k8s.api.core.v1.ContainerStatus', '', {
  name: [1, required(string)],
  state: [2, ContainerStateSchema],
  lastState: [3, ContainerStateSchema],
  ready: [4, required(bool)],
  restartCount: [5, required(int32)],
  image: [6, required(string)],
  imageID: [7, required(string)],
  containerID: [8, string],
  started: [9, bool],
});
export interface ContainerStatus extends TypeOf<typeof containerStatus> {}
export const ContainerStatusSchema = named<ContainerStatus>(containerStatus);
