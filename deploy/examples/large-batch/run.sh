#!/bin/sh
# Figure 1 of Goyal et al. (2017) in small: test error against the batch size.
#   run.sh [--quick] [--cifar10 FOLDER] [--only PATTERN] [--set KEY=VALUE].. MNIST [RUNS]
#   MNIST    the folder of MNIST's four idx files
#   RUNS     where runs, tables and charts go; runs/large-batch by default
#   FOLDER   CIFAR-10's binary files; without it MNIST alone
#   --quick  MNIST, one seed, three sizes: some minutes
#   --only   of the runs of MNIST, those whose name fits this regular expression
#   --set    of every run
# A run that is done is not made again; one that was interrupted goes on.
set -eu
here=$(cd -P "$(dirname "$0")" && pwd)
kindling=$here/../../bin/kindling
only='' quick=false mnist='' cifar='' runs='' value=''
for argument; do
  shift
  case $value in
    set) set -- "$@" --set "$argument" ; value='' ; continue ;;
    only) only=$argument value='' ; continue ;;
    cifar10) cifar=$argument value='' ; continue ;;
  esac
  case $argument in
    --quick) quick=true ;;
    --cifar10) value=cifar10 ;;
    --set) value=set ;;
    --only) value=only ;;
    *) if [ -z "$mnist" ]; then mnist=$argument; else runs=$argument; fi ;;
  esac
done
[ -n "$mnist" ] || {
  echo "usage: run.sh [--quick] [--cifar10 FOLDER] [--only PATTERN] [--set KEY=VALUE].. MNIST [RUNS]" >&2
  exit 2
}
runs=${runs:-runs/large-batch}
if [ "$quick" = true ]; then usual='.*\.1\.(64|1024|8192)'; else usual='.*'; fi

table() { # folder, error at the upper edge of the chart
  set -- "$1" "$2" "$1"/unscaled.* "$1"/scaled.* "$1"/warm-up.* "$1"/LARS.*
  into=$1 most=$2
  shift 2
  "$kindling" compare "$@" --into "$into" --against train.batch_size --y test_error --most "$most"
}

"$kindling" sweep "$here/mnist-sweep.yaml" --into "$runs/mnist" --only "${only:-$usual}" \
  --set "data.path=$mnist" "$@"
table "$runs/mnist" 0.1
if [ -n "$cifar" ] && [ "$quick" = false ]; then
  "$kindling" sweep "$here/cifar10-sweep.yaml" --into "$runs/cifar10" --set "data.path=$cifar" "$@"
  table "$runs/cifar10" 0.7
fi
