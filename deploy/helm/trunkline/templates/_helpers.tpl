{{/* Start of every object's name, at most 50 characters so that a worker's name and a suffix still fit. */}}
{{- define "trunkline.fullname" -}}
{{- if contains "trunkline" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-trunkline" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "trunkline.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "trunkline.selector" . }}
{{- end -}}

{{- define "trunkline.selector" -}}
app.kubernetes.io/name: trunkline
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "trunkline.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "trunkline.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "trunkline.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{/* Workers that this installation runs, comma separated. */}}
{{- define "trunkline.workers" -}}
{{- if .Values.pipelines.archive -}}
{{- if .Values.pipelines.audit -}}dashboard,fetcher,indexer,redactor,uploader{{- else -}}dashboard,fetcher,redactor,uploader{{- end -}}
{{- else -}}dashboard,fetcher,indexer{{- end -}}
{{- end -}}

{{/* Queue on whose work a worker is scaled. */}}
{{- define "trunkline.queue" -}}
{{- get (dict "indexer" "audit-index" "redactor" "archive-redact" "uploader" "archive-upload") . -}}
{{- end -}}

{{/* What cannot work is told here, not by pods that restart. */}}
{{- define "trunkline.check" -}}
{{- if not (or .Values.pipelines.audit .Values.pipelines.archive) -}}
{{- fail "pipelines: at least one of audit and archive must be true" -}}
{{- end -}}
{{- range $name, $_ := .Values.settings -}}
{{- if regexMatch "(_KEY|_SECRET|_PASSWORD|_USERS)$" $name -}}
{{- fail (printf "settings.%s is a secret: put it into a Secret and name that under secrets" $name) -}}
{{- end -}}
{{- end -}}
{{- if .Values.pipelines.archive -}}
{{- if not (or .Values.stage.persistence.enabled (hasPrefix "s3://" (toString (get .Values.settings "STAGE_URL")))) -}}
{{- fail "archives need a stage that all pods share: set settings.STAGE_URL to s3://bucket/prefix, or stage.persistence.enabled with a ReadWriteMany volume" -}}
{{- end -}}
{{- end -}}
{{- end -}}
