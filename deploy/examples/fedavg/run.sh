#!/bin/sh
# Table 2 of McMahan et al. (2017) in small: rounds to a test accuracy, FedSGD beside FedAvg; then
# the server's optimizers of Reddi et al. (2021), FedProx and SCAFFOLD beside FedAvg.
#   run.sh [--quick] [--only PATTERN] [--set KEY=VALUE].. MNIST [RUNS]
#   MNIST    the folder of MNIST's four idx files
#   RUNS     where runs, tables and charts go; runs/fedavg by default
#   --quick  the 2NN on even clients alone, to 95 %: less than five minutes on two cores
#   --only   of the runs, those whose name fits this regular expression
#   --set    of every run
# A run that is done is not made again; one that was interrupted goes on.
set -eu
here=$(cd -P "$(dirname "$0")" && pwd)
kindling=$here/../../bin/kindling
quick=false only='' data='' runs='' value=''
for argument; do
  shift
  case $value in
    set) set -- "$@" --set "$argument"; value=''; continue ;;
    only) only=$argument value=''; continue ;;
  esac
  case $argument in
    --quick) quick=true ;;
    --set) value=set ;;
    --only) value=only ;;
    *) if [ -z "$data" ]; then data=$argument; else runs=$argument; fi ;;
  esac
done
[ -n "$data" ] || {
  echo "usage: run.sh [--quick] [--only PATTERN] [--set KEY=VALUE].. MNIST [RUNS]" >&2
  exit 2
}
runs=${runs:-runs/fedavg}

table() { # name of the sweep, folder, of the sweep's runs, the accuracy to reach, settings
  sweep=$1 into=$runs/$2 names=${only:-$3} target=$4
  shift 4
  "$kindling" sweep "$here/$sweep.yaml" --into "$into" --only "$names" --set "data.path=$data" "$@"
  "$kindling" compare "$into"/*/ --into "$into" --x round --target "$target" --last 10 \
    --published "$here/paper.csv"
}

if [ "$quick" = true ]; then
  table 2nn 2nn-quick '2nn-iid.*' 0.95 --set federated.target_accuracy=0.95 "$@"
else
  table 2nn 2nn '.*' 0.97 "$@"
  table servers servers '.*' 0.9 "$@"
  table cnn cnn '.*' 0.99 "$@"
fi
