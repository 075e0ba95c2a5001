#!/bin/sh
# Table 2 of McMahan et al. (2017) in small: rounds to a test accuracy, FedSGD beside FedAvg; then
# the server's optimizers of Reddi et al. (2021), FedProx and SCAFFOLD beside FedAvg.
#   run.sh [--quick] MNIST [RUNS]
#   MNIST    the folder of MNIST's four idx files
#   RUNS     where runs, tables and charts go; runs/fedavg by default
#   --quick  the 2NN on even clients alone: some minutes
# A run that is done is not made again; one that was interrupted goes on.
set -eu
here=$(cd -P "$(dirname "$0")" && pwd)
kindling=$here/../../bin/kindling
quick=false data='' runs=''
for argument; do
  case $argument in
    --quick) quick=true ;;
    *) if [ -z "$data" ]; then data=$argument; else runs=$argument; fi ;;
  esac
done
[ -n "$data" ] || { echo "usage: run.sh [--quick] MNIST [RUNS]" >&2; exit 2; }
runs=${runs:-runs/fedavg}

table() { # name of the sweep, of its runs, the accuracy to reach
  "$kindling" sweep "$here/$1.yaml" --into "$runs/$1" --only "$2" --set "data.path=$data"
  "$kindling" compare "$runs/$1"/*/ --into "$runs/$1" --x round --target "$3" --last 10
}

if [ "$quick" = true ]; then
  table 2nn '2nn-iid.*' 0.97
else
  table 2nn '.*' 0.97
  table servers '.*' 0.9
  table cnn '.*' 0.99
fi
