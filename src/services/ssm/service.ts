/** Systems Manager: Parameter Store, and of Session Manager what ECS Exec needs. The rest is refused by name. */
import type { ServiceModule } from "../../gateway/service.ts";
import { deleteParameter, deleteParameters } from "./delete-parameters.ts";
import { getParameter, getParameters } from "./get-parameters.ts";
import { labelParameterVersion, unlabelParameterVersion } from "./labels.ts";
import { describeParameters, getParameterHistory, getParametersByPath } from "./list-parameters.ts";
import type { SsmDependencies } from "./lookup.ts";
import { putParameter } from "./put-parameter.ts";
import {
  getServiceSetting,
  resetServiceSetting,
  updateServiceSetting,
} from "./service-settings.ts";
import { resumeSession, type SessionDependencies, terminateSession } from "./sessions.ts";
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from "./tags.ts";

export function ssmService(dependencies: SsmDependencies & SessionDependencies): ServiceModule {
  return {
    name: "ssm",
    tagOnCreate: { PutParameter: { action: "ssm:AddTagsToResource" } },
    operations: {
      AddTagsToResource: addTagsToResource,
      DeleteParameter: deleteParameter,
      DeleteParameters: deleteParameters,
      DescribeParameters: describeParameters,
      GetParameter: getParameter(dependencies),
      GetParameterHistory: getParameterHistory(dependencies),
      GetParameters: getParameters(dependencies),
      GetParametersByPath: getParametersByPath(dependencies),
      GetServiceSetting: getServiceSetting,
      LabelParameterVersion: labelParameterVersion,
      ListTagsForResource: listTagsForResource,
      PutParameter: putParameter(dependencies),
      RemoveTagsFromResource: removeTagsFromResource,
      ResetServiceSetting: resetServiceSetting,
      ResumeSession: resumeSession(dependencies),
      TerminateSession: terminateSession(dependencies),
      UnlabelParameterVersion: unlabelParameterVersion,
      UpdateServiceSetting: updateServiceSetting,
    },
  };
}
