//! Variables of the caller that choose which system a program looks at.
//!
//! A check does not see them unless the checklist lists them in `env:`; where the caller has one, it
//! is not listed, and the check runs a program that would read it, the check would look at another
//! system than the caller thinks.

/// Variables, and the programs that read them.
const TARGETS: &[(&[&str], &[&str])] = &[
    (
        &["KUBECONFIG", "KUBECTL_CONTEXT"],
        &[
            "kubectl",
            "helm",
            "oc",
            "kustomize",
            "flux",
            "istioctl",
            "velero",
            "argocd",
            "k9s",
            "stern",
        ],
    ),
    (&["HELM_KUBECONTEXT", "HELM_NAMESPACE"], &["helm"]),
    (&["DOCKER_HOST", "DOCKER_CONTEXT"], &["docker", "docker-compose"]),
    (&["CONTAINER_HOST"], &["podman"]),
    (
        &[
            "AWS_PROFILE",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_ENDPOINT_URL",
        ],
        &["aws", "eksctl", "terraform", "tofu", "sam", "cdk", "pulumi"],
    ),
    (
        &["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CORE_PROJECT", "CLOUDSDK_ACTIVE_CONFIG_NAME"],
        &["gcloud", "gsutil", "bq", "terraform", "tofu"],
    ),
    (
        &["AZURE_CONFIG_DIR", "ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"],
        &["az", "terraform", "tofu"],
    ),
    (&["TF_WORKSPACE"], &["terraform", "tofu"]),
    (&["VAULT_ADDR", "VAULT_NAMESPACE"], &["vault"]),
    (&["CONSUL_HTTP_ADDR"], &["consul"]),
    (&["NOMAD_ADDR"], &["nomad"]),
    (&["ETCDCTL_ENDPOINTS"], &["etcdctl"]),
    (
        &["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"],
        &["psql", "pg_dump", "pg_isready", "pg_restore", "pgbench"],
    ),
    (&["MYSQL_HOST"], &["mysql", "mysqladmin", "mysqldump", "mariadb"]),
];

/// Whether a variable of this name chooses what some program looks at.
pub fn chooses_a_target(name: &str) -> bool {
    TARGETS.iter().any(|(variables, _)| variables.contains(&name))
}

/// Programs in the script that have such a variable. Any word counts, also in a string: `sudo
/// kubectl`, `bash -c "kubectl …"`; in doubt it is one.
pub(super) fn programs(script: &str) -> Vec<&'static str> {
    let words: std::collections::BTreeSet<&str> =
        script.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).collect();
    let mut programs: Vec<&'static str> = TARGETS
        .iter()
        .flat_map(|(_, programs)| *programs)
        .copied()
        .filter(|program| words.contains(program))
        .collect();
    programs.sort_unstable();
    programs.dedup();
    programs
}

/// The variables that `program` reads.
pub(super) fn variables(program: &str) -> impl Iterator<Item = &'static str> {
    TARGETS
        .iter()
        .filter(move |(_, programs)| programs.contains(&program))
        .flat_map(|(variables, _)| *variables)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_behind_others_and_in_strings() {
        for script in [
            "kubectl get pods",
            "sudo /usr/bin/kubectl x",
            "bash -c 'kubectl get'",
            "x=$(kubectl version)",
        ] {
            assert_eq!(programs(script), ["kubectl"], "{script}");
        }
        assert!(programs("mykubectl get").is_empty());
        assert!(variables("kubectl").any(|variable| variable == "KUBECONFIG"));
    }
}
