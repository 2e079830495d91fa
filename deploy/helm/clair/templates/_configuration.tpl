{{/* The configuration file: `config`, overridden by the settings of the chart. */}}
{{- define "clair.configuration" -}}
{{- $service := include "clair.fullname" . -}}
{{- $hosts := list $service (printf "%s.%s" $service .Release.Namespace) (printf "%s.%s.svc" $service .Release.Namespace) (printf "%s.%s.svc.%s" $service .Release.Namespace .Values.service.clusterDomain) -}}
{{- if .Values.ingress.enabled }}{{ $hosts = concat $hosts .Values.ingress.hosts }}{{ end -}}
{{- $hosts = concat $hosts ((.Values.config.api | default dict).hosts | default list) | uniq -}}
{{- $api := dict "host" "0.0.0.0" "hosts" $hosts "port" 6060 "healthport" 6061 "paginationkeyfile" "/etc/clair/secrets/pagination-key" -}}
{{- $auth := dict -}}
{{- with .Values.auth -}}
{{- if or .key .existingSecret -}}
{{- $_ := set $auth "psk" (dict "keyfile" "/etc/clair/secrets/psk-key" "iss" .issuers) -}}
{{- end -}}
{{- with .readonly -}}
{{- if or .key .existingSecret -}}
{{- $_ := set $auth "readonly" (dict "keyfile" "/etc/clair/secrets/readonly-key" "iss" .issuers) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $auth }}{{ $_ := set $api "auth" $auth }}{{ end -}}
{{- $database := dict "type" "postgres" "sourcefile" "/etc/clair/secrets/database-source" -}}
{{- if or .Values.database.replica .Values.database.replicaKey }}{{ $_ := set $database "replicafile" "/etc/clair/secrets/database-replica" }}{{ end -}}
{{- $worker := dict "temporarySpace" .Values.temporary.spaceMiB -}}
{{- mergeOverwrite (deepCopy .Values.config) (dict "api" $api "database" $database "worker" $worker) | toYaml -}}
{{- end -}}

{{/* The secrets of the chart, without existing secrets. */}}
{{- define "clair.secrets" -}}
{{- if not .Values.database.existingSecret }}
database-source: {{ required "database.source or database.existingSecret is needed: the address of a PostgreSQL database" .Values.database.source | quote }}
{{- end }}
{{- if and .Values.database.replica (not .Values.database.replicaKey) }}
database-replica: {{ .Values.database.replica | quote }}
{{- end }}
{{- if not .Values.pageTokens.existingSecret }}
pagination-key: {{ include "clair.pageTokenKey" . | quote }}
{{- end }}
{{- if and .Values.auth.key (not .Values.auth.existingSecret) }}
psk-key: {{ .Values.auth.key | quote }}
{{- end }}
{{- with .Values.auth.readonly }}{{ if and .key (not .existingSecret) }}
readonly-key: {{ .key | quote }}
{{- end }}{{ end }}
{{- end -}}

{{/* The configured key, else the key of the existing installation, else a new one: 32 bytes in URL-safe base64. */}}
{{- define "clair.pageTokenKey" -}}
{{- $known := lookup "v1" "Secret" .Release.Namespace (include "clair.fullname" .) -}}
{{- if .Values.pageTokens.key -}}
{{- .Values.pageTokens.key -}}
{{- else if and $known (index ($known.data | default dict) "pagination-key") -}}
{{- index $known.data "pagination-key" | b64dec -}}
{{- else -}}
{{- randBytes 32 | replace "+" "-" | replace "/" "_" | trimSuffix "=" -}}
{{- end -}}
{{- end -}}

{{/* Volumes with the configuration and its secrets. `name` is the name of the ConfigMap and the Secret. */}}
{{- define "clair.volumes" -}}
{{- $values := .context.Values -}}
- name: configuration
  configMap: { name: {{ .name }} }
- name: secrets
  projected:
    # Readable for the user of the container only, by the group of the pod.
    defaultMode: 0440
    sources:
      {{- if include "clair.secrets" .context | trim }}
      - secret: { name: {{ .name }} }
      {{- end }}
      {{- with $values.database.existingSecret }}
      - secret:
          name: {{ . }}
          items:
            - { key: {{ $values.database.key }}, path: database-source }
            {{- with $values.database.replicaKey }}
            - { key: {{ . }}, path: database-replica }
            {{- end }}
      {{- end }}
      {{- with $values.pageTokens.existingSecret }}
      - secret:
          name: {{ . }}
          items: [{ key: {{ $values.pageTokens.secretKey }}, path: pagination-key }]
      {{- end }}
      {{- with $values.auth.existingSecret }}
      - secret:
          name: {{ . }}
          items: [{ key: {{ $values.auth.secretKey }}, path: psk-key }]
      {{- end }}
      {{- with $values.auth.readonly.existingSecret }}
      - secret:
          name: {{ . }}
          items: [{ key: {{ $values.auth.readonly.secretKey }}, path: readonly-key }]
      {{- end }}
{{- with $values.database.caSecret }}
- name: database-ca
  secret: { secretName: {{ . }} }
{{- end }}
{{- with $values.extraSecret }}
- name: extra
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
- name: temporary
  emptyDir: { sizeLimit: {{ $values.temporary.sizeLimit }} }
- name: cache
  emptyDir: { sizeLimit: {{ $values.cache.sizeLimit }} }
{{- end -}}

{{- define "clair.volumeMounts" -}}
- { name: configuration, mountPath: /etc/clair/configuration, readOnly: true }
- { name: secrets, mountPath: /etc/clair/secrets, readOnly: true }
{{- if .Values.database.caSecret }}
- { name: database-ca, mountPath: /etc/clair/database-ca, readOnly: true }
{{- end }}
{{- if .Values.extraSecret }}
- { name: extra, mountPath: /etc/clair/extra, readOnly: true }
{{- end }}
- { name: temporary, mountPath: /tmp }
- { name: cache, mountPath: /var/cache/clair }
{{- end -}}

{{/* Security settings of every pod: not root, no access to the API of the cluster. */}}
{{- define "clair.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "clair.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}
